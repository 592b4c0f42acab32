import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import ca.uhn.fhir.validation.SingleValidationMessage;
import ca.uhn.fhir.validation.ValidationOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.hl7.fhir.common.hapi.validation.support.*;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.hl7.fhir.instance.model.api.IBaseResource;

/** Checks FHIR documents by the profiles of HL7 IPS, with the validator of HL7 and without a network. */
public class Validate {
  /** The definitions of R4 itself: IPS asks for them with their version, HAPI knows them without. */
  static class Core extends DefaultProfileValidationSupport {
    Core(FhirContext c) { super(c); }
    static String bare(String url) { return url != null && url.endsWith("|4.0.1") ? url.substring(0, url.length() - 6) : url; }
    @Override public <T extends IBaseResource> T fetchResource(Class<T> type, String url) { return super.fetchResource(type, bare(url)); }
    @Override public IBaseResource fetchStructureDefinition(String url) { return super.fetchStructureDefinition(bare(url)); }
    @Override public IBaseResource fetchValueSet(String url) { return super.fetchValueSet(bare(url)); }
    @Override public IBaseResource fetchCodeSystem(String url) { return super.fetchCodeSystem(bare(url)); }
  }

  public static void main(String[] files) throws Exception {
    FhirContext r4 = FhirContext.forR4();
    NpmPackageValidationSupport ips = new NpmPackageValidationSupport(r4);
    ips.loadPackageFromClasspath("classpath:ips.tgz");
    FhirInstanceValidator rules = new FhirInstanceValidator(new ValidationSupportChain(ips, new Core(r4),
        new CommonCodeSystemsTerminologyService(r4), new InMemoryTerminologyServerValidationSupport(r4),
        new SnapshotGeneratingValidationSupport(r4), new UnknownCodeSystemWarningValidationSupport(r4)));
    rules.setErrorForUnknownProfiles(true);
    rules.setAnyExtensionsAllowed(false);
    var validator = r4.newValidator().registerValidatorModule(rules);
    var bundle = new ValidationOptions().addProfile("http://hl7.org/fhir/uv/ips/StructureDefinition/Bundle-uv-ips");
    boolean good = true;
    for (String file : files) {
      Map<ResultSeverityEnum, Integer> counts = new TreeMap<>();
      for (SingleValidationMessage m : validator.validateWithResult(Files.readString(Path.of(file)), bundle).getMessages()) {
        counts.merge(m.getSeverity(), 1, Integer::sum);
        if (m.getSeverity().compareTo(ResultSeverityEnum.ERROR) >= 0) {
          good = false;
          System.out.println(m.getLocationString() + ": " + m.getMessage());
        } else if (System.getenv("VERBOSE") != null) {
          System.out.println(m.getSeverity() + " " + m.getLocationString() + ": " + m.getMessage());
        }
      }
      System.out.println(Path.of(file).getFileName() + ": " + counts);
    }
    System.exit(good ? 0 : 1);
  }
}
